"""
The contexts of the sample application. Source: spec/sample.md, Reads.
"""
from environment import ENVIRONMENT
from mizan import ReactContext

ProbeContext = ReactContext("probe")
UserContext = ReactContext("user")
TeamContext = ReactContext("team")
ReportContext = ReactContext("report")
PageLangContext = ReactContext("page_lang")
CatalogContext = ReactContext("catalog")
ChosenContext = ReactContext(ENVIRONMENT.context)
TypedContext = ReactContext("typed")
BrokenContext = ReactContext("broken")
LooksContext = ReactContext("looks")
MeddlesContext = ReactContext("meddles")
FreshContext = ReactContext("fresh")
MarkContext = ReactContext("mark")
CrewContext = ReactContext("crew")
TwiceContext = ReactContext("twice")
AliasContext = ReactContext("alias")
PageUserContext = ReactContext("page_user")
MottoContext = ReactContext("motto")
PricedContext = ReactContext("priced")
KeyContexts = [ReactContext(f"c{number:02}") for number in range(40)]
