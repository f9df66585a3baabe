"""How people come in: the forms at the door, what they prove themselves with, how long it holds."""
