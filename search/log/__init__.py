"""What a search is asked for, what it emits and what a person may say to it, as data.

Also the view, which is the log folded. May import evaluation, spaces, network, data and base.
"""
