"""The words by which a text marks its answer, in English and a few other languages."""

from __future__ import annotations

import re

_WORDS = (
    r"answers?|ans|(?<!each )(?<!every )(?<!following )choice|selection|"
    r"(?:correct|right|best|closest|nearest|appropriate|likely|accurate|suitable|chosen|selected|predicted|final|true|"
    r"proper|matching|possible)\s+(?:option|response|letter|statement|one|label|prediction|conclusion|match|value)"
)
_FOREIGN = (
    r"antwort|lösung|respuesta|réponse|reponse|resposta|risposta|antwoord|svaret|svar|odpowiedź|ответ|відповідь"
    r"|jawaban|cevap|yanıt|đáp án|उत्तर|απάντηση|vastaus|válasz|răspunsul|odpověď|答案|答え|正解|回答|解答|정답|답"
    r"|الإجابة(?: الصحيحة)?|الجواب"
)
QUOTED = r"""(?:[^.:\n"']{0,60}(?:"[^"\n]{1,300}"|'[^'\n]{1,300}'))?"""
"""A question that stands in quotation marks behind "the answer to"."""
_BE = (
    r"(?:(?<!\w)(?:is|are|was|would\s+be|will\s+be|should\s+be|must\s+be|has\s+to\s+be|appears\s+to\s+be|seems\s+to\s+be"
    r"|est|es|ist|é|è|är|jest|là|adalah|είναι|هي|هو)(?!\w)|(?:应该?)?(?:是|为|為|は|选|選|은|는))"
)
_ADVERBS = (
    r"(?:\s*(?:therefore|thus|hence|clearly|indeed|definitely|most\s+likely|likely|most\s+probably|probably|also|still"
    r"|then|simply|actually|obviously|certainly|in\s+fact|given\s+by|closest\s+to|nearest\s+to|as\s+follows|either|both"
    r"|now|best|represented\s+by|described\s+by)(?![^\W\d_]),?)*"
)
_OPTION = (
    r"(?:\s*(?:the\s+)?(?:option|choice|answer|letter|number|label|alternative)(?:\s+(?:is|labell?ed))?(?!\w)\s*:?)?"
)
_LIST = r"[ \t]*[(\[{](?!\s*[A-Z]\s*[)\]}])[^()\[\]{}\n]{2,40}[)\]}]"
"""What may be answered, in brackets: "Answer (A-D):"."""

MARKED = re.compile(
    rf"(?:(?<![^\W_])(?:{_WORDS})(?![^\W_])|{_FOREIGN}|^[ \t]*(?:option|choice|letter|final)(?=[ \t]*[:=])"
    r"|^[ \t]*final(?=[ \t]+[–—-]+[ \t]))"
    r"(?:[ _-]?(?:choice|option|letter|key|idx|index)(?!\w))?[\"']?"
    rf"(?:{_LIST}(?=[ \t]*[:=]))?"
    r"(?:\s+(?:to|for|of|in|from|among|given|here|on|that|correcta|correcte|corretta|correta)\b"
    rf"{QUOTED}[^.:\n]{{0,100}}?)??"
    rf"(?:\s*{_BE}{_ADVERBS}\s*[:=]?|\s*\.?(?:[:=]|[=-]+>|→|(?<=ns)\.)|\s+[–—-]+\s)"
    rf"{_ADVERBS}{_OPTION}",
    re.IGNORECASE | re.MULTILINE,
)
"""An answer that is called so: "The correct answer is", "Ans:", "My choice:"."""

HEADED = re.compile(
    r"^[ \t]*(?:the\s+)?(?:(?:final|correct|best|my)\s+)?answer(?:\s+choice)?[ \t]*\n\s*(?:option[ \t]+)?(?=\S)",
    re.IGNORECASE | re.MULTILINE,
)
"""A line that is a heading, "Answer", over the answer."""

BARE = re.compile(rf"\banswer(?:\s+(?:choice|option))?(?!{_LIST}[ \t]*[:=])(?=\s*[(A-Z])", re.IGNORECASE)
"""The word "answer" with nothing between it and the label."""

CHOSEN = re.compile(
    r"\b(?:I|we)(?:\s*'(?:d|ll|ve|m)|\s+(?:would|will|have|must|should|can|am|are|do))*(?:\s+(?:therefore|thus|\w+ly|to))?"
    r"\s+(?:choose|chose|chosen|choosing|select(?:ed|ing)?|pick(?:ed|ing)?|go(?:ing)?\s+with|went\s+with|opt(?:ed)?\s+for"
    r"|answer(?:ed)?|say|vote\s+for|settle\s+(?:on|for)|conclude|believe|think)"
    rf"(?:\s+(?:that\s+)?(?:it\s+is|it's|the\s+answer\s+is))?\s*:?{_OPTION}"
    r"|(?:故|应|应该|所以|因此)?选择?(?=[\s:(]*[A-Z](?![\w]))",
    re.IGNORECASE,
)
"""What the writer chooses: "I would go with"."""

THUS = re.compile(
    r"(?:^|[.;:!\n)}\x03]\s*|,\s+)(?:(?:so|thus|therefore|hence|consequently|accordingly|overall|finally|ultimately|conclusion"
    r"|in\s+(?:conclusion|summary|short))\s*[,:]?\s*(?:(?:it\s+is|it's|it\s+must\s+be|this\s+is)\s+)?|it(?:'s|\s+is)\s+)"
    rf"{_OPTION}",
    re.IGNORECASE,
)
"""A conclusion: "Therefore,", "So it is"."""

BEST = re.compile(
    r"\b(?:most|best|correct|right|closest|nearest|likely|appropriate|accurate)\b"
    r"(?![^.:;?!\n]{0,100}\b(?:wrong|false|incorrect|not|least|except|if)\b)[^.:;?!\n]{0,100}?"
    rf"(?<!\w){_BE}{_ADVERBS}\s*:?(?P<option>{_OPTION})",
    re.IGNORECASE,
)
"""What the question asks for: "the most likely diagnosis is"."""

TURNED = (
    r"(?:scratch|strike)\s+that|never\s*mind|edit(?=\s*:)|revised?(?=\s*:)|revision(?=\s*:)|(?:switch|chang)(?:ing|ed)\s+"
    r"(?:\w+\s+){0,3}?to"
)
"""Words of a correction that the answer follows at once."""
CORRECTED = re.compile(
    rf"(?:\b(?:wait|actually|oops|sorry|correction|or\s+rather|I\s+meant?|hold\s+on|{TURNED})\b|(?:^|[.!?\n,;—–-])\s*no\b(?=\s*[,.!:;—–]))"
    r"[\s,.:;!…—–-]*(?:(?:no|actually|I\s+meant?|it\s+is|it's|it\s+should\s+be|make\s+(?:that|it))[\s,:]+)*"
    rf"{_OPTION}",
    re.IGNORECASE,
)
"""What a correction puts in place: "Wait, no, it's"."""

UNNAMED = re.compile(
    r"\b(?:vitamin|hepatitis|group|type|class|grade|stage|factor|influenza|streptococc\w*|antigen|immunoglobulin|protein"
    r"|population|category|panel|figure|table|arm|cohort)\s+(?:is|was|would\s+be)\b",
    re.IGNORECASE,
)
"""Before a letter that names something else than an option: "the correct vitamin is A"."""

SHORT = (
    r"\A\W*(?:(?:definitely|probably|certainly|likely|most\s+likely|surely|clearly|letter|choose|pick|select|go\s+with"
    r"|let's\s+(?:go\s+with|choose|pick)|\[x\])\s*)?[(\[]?(?P<label>{labels})[)\]]?"
    r"(?:\s*,\s*(?:not\s+[(\[]?(?:{labels})[)\]]?|I\s+(?:think|believe|guess|would\s+say)))?[.!\s]*\Z"
)
"""A whole text that is little more than a label: "Definitely B.", "B, not A."; `{labels}` stands for any of them."""

FINAL = re.compile(
    r"\b(?:is|are|be|to|with|for|matches|makes|supports|by|or)\s+(?:an?\s+)?(?:the\s+)?(?P<option>(?:(?:option|choice|answer)\s+)?)",
    re.IGNORECASE,
)
"""What leads to an option at the end of the last sentence."""

RIGHT = (
    r"(?:^|[\n.!?;:,(—–-][ \t\"']*|\b(?i:option|choice|answer|letter|so|thus|hence|therefore|that|think|believe"
    r"|because|only|then|means|conclude|but|while|whereas|here|instead|also|patients?|case|now|actually)\s+)[(\[\"']{0,3}(?P<label>{labels})[)\]\"']*\s+"
    r"(?:is|must\s+be|would\s+be|should\s+be|seems|appears\s+to\s+be)\s+"
    r"(?:the\s+|therefore\s+|thus\s+|indeed\s+|clearly\s+|probably\s+|likely\s+|most\s+|only\s+)*"
    r"(?:correct|right|best|(?:accurate|closest|appropriate|likely|suitable)(?:\s+(?:answer|option|choice))?|answer)\b"
    r"(?!\s+(?:if|unless|in\s+that|about|when|except|but|for))(?!\s*\?)"
)
"""A label of which it is said that it is right; `{labels}` stands for any of them."""

MADE_RIGHT = (
    r"\bmak(?:es|ing)\s+(?i:option\s+|choice\s+)?[(\[\"']{0,3}(?P<label>{labels})[)\]\"']*\s+(?:the\s+)?"
    r"(?:only\s+)?(?:most\s+)?(?:correct|right|best|accurate|likely|appropriate)\b"
)
"""A label that something makes the right one."""
