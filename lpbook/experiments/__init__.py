"""What only chapters, figures and the ledger use: experiments, running examples, tables of prices.

Nothing that finds or certifies a ticket imports from here.
"""
