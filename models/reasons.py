"""Why a card is not taken: the one reason that helps most, said to who stands at the till and to the partner.

Nobody is at fault in these words: the screen says that the usual price is fine, and what helps next.
"""

from typing import NamedTuple

from models._record import N_


class Reason(NamedTuple):
    """`till` for whoever serves; `partner` to be read out or shown, '' where there is nothing to say."""

    till: str
    partner: str = ""


STATION = N_("Any station puts it right in a minute. It is not your fault.")

REASONS = {
    # What was scanned or typed.
    "not-card": Reason(N_("This is not the code of a card. Ask for the page with the colour of the day.")),
    "bad": Reason(
        N_("We cannot check this code. Ask for the next one, it comes within half a minute."),
        N_("Please open the card once with a network, or wait for the next code."),
    ),
    "stale": Reason(
        N_("This code is past. Scan the one that is on the screen now, or type the number."),
        N_("Please open the card once with a network: then its clock is right again."),
    ),
    "ahead": Reason(N_("The phone's clock is ahead. Wait for the next code and scan that one as well.")),
    "once": Reason(
        N_("A code for once is for a shop with a network, one minute and one use. Please ask for another one."),
        N_("Please press once more on your page: it gives you another code."),
    ),
    "taken-back": Reason(
        N_("This was taken back, so nothing is counted. Please scan the next code, it comes within half a minute."),
        N_("The card shows another code in a moment."),
    ),
    "used-here": Reason(N_("This code was taken here already, at %(clock)s. Nothing was counted twice.")),
    "used": Reason(
        N_("This code was taken already. Ask for the next one, it comes within half a minute."),
        N_("The card shows another code in a moment."),
    ),
    "typed-wrong": Reason(
        N_("The four and the six digits do not go together. Look at the screen once more: they change each minute."),
    ),
    "typed-two": Reason(N_("These digits fit two cards. Please scan the code instead.")),
    "typed-locked": Reason(N_("Too many digits did not fit. For a while, please scan the code instead.")),
    # The card.
    "waiting": Reason(
        N_("This card is not switched on yet."), N_("Open the card on your phone once and switch it on: half a minute.")
    ),
    "lost": Reason(N_("This card was reported lost."), STATION),
    "stopped": Reason(N_("This card is not in use just now."), STATION),
    "expired": Reason(N_("This card has run out. Don't make it hard for them."), STATION),
    "ended": Reason(
        N_("This card has moved to another phone."), N_("Please show the card on the phone that has it now.")
    ),
    "reprinted": Reason(
        N_("This is an older print of the card. A newer one holds."),
        N_("Please show the newer one. If it is not at hand, any station prints another."),
    ),
    # How often.
    "gap": Reason(N_("This card was used a moment ago. Please wait a minute.")),
    "shop": Reason(N_("This card was used here at %(clock)s. Once in a while is fine.")),
    "daily": Reason(
        N_("This card has been used as often as it can be today."), N_("From tomorrow on it counts again.")
    ),
    "first-day": Reason(
        N_("This card is new on this phone, so today it is used only a few times."),
        N_("From tomorrow on it counts as usual."),
    ),
    "print-daily": Reason(
        N_("A printed card is used only a few times a day."), N_("From tomorrow on it counts again.")
    ),
    # The shop.
    "no-offer": Reason(N_("Your shop has no offer that is agreed just now.")),
    "later": Reason(N_("Your offer is not for this time of day.")),
    "service-day": Reason(N_("Your offer is for the service day.")),
    "paused": Reason(N_("Your shop takes a break from offers today.")),
    "sold-out": Reason(N_("Today's portions are gone."), N_("It was gone just now. Come a little earlier next time.")),
    "least": Reason(N_("It is less than the offer begins with.")),
    # Later, from a shop that had no network.
    "claim": Reason(N_("The time of this scan does not fit its code.")),
}
