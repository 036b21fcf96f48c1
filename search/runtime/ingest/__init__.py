"""From a file that a person brought to a packed dataset: decoded under limits, split, fingerprinted, sampled.

No torch here: it is done in a process of its own (child.py) that may end at its limits and takes nothing along.

What is read: a zip, tar, tar.gz or tar.xz of class folders of PNG or JPEG, with or without train/, val/ and test/ above
them; or an npz of arrays (arrays.py has the names); or a text, plain or as train, valid and test in an archive
(texts.py). What a file is, its content says, never its name. A member is read
as a stream and never written to disk under its name. What is wrong is refused in a sentence that says what to do.
"""
