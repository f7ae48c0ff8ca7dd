"""What the journey needs from the world, as Protocols. No vendor is named here.

Every port says what happens on absence, on repetition and in a race.
"""
