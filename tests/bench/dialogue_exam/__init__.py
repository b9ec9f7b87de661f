"""The exam of dialogues: a house that obeys, a clock that is moved, and what is held against the answers."""
