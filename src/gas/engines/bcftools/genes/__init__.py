"""Gene models, from the files in which they come to the transcripts that are annotated with.

A line becomes a Feature (`gff.py`, `gtf.py` beside this folder), the features of a contig become
drafts of transcripts (`drafts`), a draft becomes a Transcript (`models`, from its `parts`,
`names` and `biotypes`). `reading` goes through a whole file, `for_csq` writes what csq takes.
"""
