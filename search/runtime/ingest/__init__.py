"""Ingestion: turns an uploaded file into a packed dataset, which is decoded under limits, split and fingerprinted.

The work is done without torch in a process of its own (child.py), which ends when it exceeds its limits.

Accepted are: a zip, tar, tar.gz or tar.xz of class folders with PNG or JPEG images, with or without train/, val/ and
test/ above them; an npz of arrays (arrays.py lists their names); and a text, either plain or as train, valid and test
in an archive (texts.py). The kind of a file is detected from its content, never from its name. Members of an archive
are read as streams, and never written to disk under their own names. A file that cannot be used is rejected with a
sentence that says what to do.
"""
