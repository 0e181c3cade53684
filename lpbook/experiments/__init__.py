"""What chapters, figures, the ledger and scripts use: experiments, running examples, prices.

Of these `lpbook` itself offers the running example and its classifier alone. Nothing that finds or
certifies a ticket imports from here.
"""
