"""The room: hears a wake word and a sentence, hands the words to the assistant, speaks the reply.

Imports `edge.assistant` and what lies below it. `sounddevice`, `pocketsphinx`, `faster_whisper` and the like are
optional and imported where they are used. Nothing here imports `edge.mqtt`, `edge.api` or `edge.health`.
"""
