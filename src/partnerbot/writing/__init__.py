"""Fluent answers by a language model, every sentence verified before it is shown.

excerpts.py         what the model is shown, numbered
prompts.py          every word it is told
provider.py         any chat model LangChain can reach, by one setting
asking.py           deadlines, one retry, a circuit breaker, places, a day's tokens
cited_sentences.py  its text, cut into sentences with what they cite, while it is written
verdicts.py         may a sentence be shown? it must be carried by quotes that are found here, by:
gates.py            markup, language, requests for secrets
facts.py            values and names, as the quote has them
clock.py            times of day
relations.py        has a name or a value taken another's place?
polarity.py         not, never, and opposites: north and south, since and until, at least and fewer than
support.py          meaning: one calibrated probability
alignment.py        words and what matches them in another text, across languages
translating.py      a foreign quote with the model's translation, checked
writer.py           from question and excerpts to released sentences and the Answer
"""
