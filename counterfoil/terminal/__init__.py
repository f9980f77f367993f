"""The payment terminal: a page at the till, with its own process, its own key and its own store.

::

    placed -> recording -> recorded -> posted -> paid -> completed   (record 3)
       |          record 1     |         |         \\--> cancelled   (record 3, all given back)
       \\---- withdrawn <------/---------|--> rejected               (record 2, final)
                                         |--> declined               (the customer said no)
                                         \\--> invalid                (nobody answers for it)

A sale is written down before anything is sent, and every step may be made twice. So whatever stays
away, the bank, the chain or the power, the till goes on where it was.
"""
