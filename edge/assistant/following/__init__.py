"""What is said in view of what was said before: "it", "and the kitchen", "a bit more", "no, the left one".

May import what the assistant may. Everything here is pure: out of a sentence and the deeds of a dialogue it makes what
the router would make of the whole sentence.
"""
