"""A scenario as a place in time: who is where, what the weather does, what each camera sees of it."""
