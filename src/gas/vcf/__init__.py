"""VCF as a stream: sniff, check, repair, count. Bounded memory, no vendor.

`head` looks at the first bytes of a file, for the web; `intake` reads a whole one and leaves a
clean copy, what it had to reject, and the facts that an engine needs to go on.
"""
