"""Fluent answers by a language model, every sentence verified before it is shown.

excerpts.py         what the model is shown, numbered
prompts.py          every word it is told
provider.py         any chat model LangChain can reach, by one setting
asking.py           deadlines, one retry, a circuit breaker, places, a day's tokens
cited_sentences.py  its text, cut into sentences with what they cite, while it is written
verification.py     may a sentence be shown? markup, citation, language, orders, then:
facts.py            values, names and their relations, as the quote has them
mentions.py         names, in any script
support.py          meaning: one calibrated probability
alignment.py        words and what matches them in another text, across languages
polarity.py         not, never, and opposites: north and south
counted.py          does each number count what it counts in the quote?
clock.py            times of day
translating.py      a foreign quote with the model's translation, checked
rewriting.py        a follow-up as a question of its own, checked
writer.py           from question and excerpts to released sentences and the Answer
"""
