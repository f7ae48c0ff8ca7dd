"""The plan of an account: what it is, how it is paid, and the way to the pages where that is done.

Nothing here grants anything. The way back from paying says what is known, and looks again until
the vendor's word has come; that word comes in at `hear`, which needs no session, only a signature.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from flask import Blueprint, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gas.domain.billing import Payer, Standing
from gas.domain.errors import InputError, NotFound
from gas.domain.plan import Plan
from gas.journey.pay import check_out, look_again, manage
from gas.journey.settle import hear as hear_event
from gas.ports.billing import Billing
from gas.web.live import etag_of, unchanged
from gas.web.wired import grace, me, services

pages = Blueprint("billing", __name__)


@dataclass(frozen=True, slots=True)
class PlanView:
    """What the part about the plan shows (`parts/subscription.html`)."""

    plan: Plan
    vendor: str
    """Who takes the money; empty if nobody does."""
    offer: str
    payer: Payer | None
    waits: bool
    """Back from paying, and the vendor's word has not come."""
    premium_until: datetime | None
    """Of an overdue payment: so long it is waited for."""
    premium_bytes: int
    """The largest input on the premium plan."""
    grace: timedelta

    @property
    def standing(self) -> Standing | None:
        return self.payer.standing if self.payer else None

    @property
    def pays(self) -> bool:
        """It is payment that keeps the account on the premium plan, or would."""
        paid = self.payer and (self.payer.granted or self.payer.standing is Standing.PAID)
        return bool(paid) and self.plan is Plan.PREMIUM

    @property
    def etag(self) -> str:
        return etag_of(self.plan, self.payer.version if self.payer else 0, int(self.waits))


def plan_view(*, paid: bool = False) -> PlanView:
    """For every page with that part: its forms lead to the vendor, which the page's policy must
    allow."""
    billing = services().billing
    account = me()
    most = services().limits.input_bytes(Plan.PREMIUM)
    if billing is None:
        return PlanView(
            account.plan,
            "",
            "",
            None,
            waits=False,
            premium_until=None,
            premium_bytes=most,
            grace=grace(),
        )
    g.form_targets = billing.origins
    payer = services().payers.get(account.id)
    since = payer.overdue_since if payer else None
    return PlanView(
        account.plan,
        billing.name,
        billing.offer,
        payer,
        waits=paid and account.plan is Plan.FREE,
        premium_until=since + billing.terms.overdue if since else None,
        premium_bytes=most,
        grace=grace(),
    )


@pages.get("/account/plan")
def plan() -> str:
    return render_template("plan.html", view=plan_view())


@pages.get("/account/plan/paid")
def paid() -> str:
    """Where paying leads to. Whoever types this address sees the same, and gets nothing by it."""
    return render_template("plan.html", view=plan_view(paid=True))


@pages.get("/account/plan/live")
def live() -> Response:
    view = plan_view(paid=True)
    same = unchanged(view.etag)
    if same:
        return same
    response = make_response(render_template("parts/subscription.html", view=view))
    response.set_etag(view.etag)
    return response


@pages.post("/account/plan/subscribe")
def subscribe() -> Response:
    wired = services()
    page = check_out(
        me(),
        billing=_billing(),
        payers=wired.payers,
        queues=wired.queues,
        clock=wired.clock,
        paid_url=_address("billing.paid"),
        back_url=_address("billing.plan"),
    )
    return redirect(page, 303)


@pages.post("/account/plan/manage")
def manage_subscription() -> Response:
    wired = services()
    page = manage(
        me(),
        billing=_billing(),
        payers=wired.payers,
        queues=wired.queues,
        clock=wired.clock,
        return_url=_address("billing.plan"),
    )
    return redirect(page, 303)


@pages.post("/account/plan/look")
def look() -> Response:
    """Has the vendor asked now; what it says shows on the page by itself."""
    _billing()
    look_again(me(), payers=services().payers, queues=services().queues)
    return redirect(url_for("billing.paid"), 303)


@pages.post("/webhooks/<name>")
def hear(name: str) -> Response:
    """Quick: the event is noted and put in the queue; nobody is asked anything."""
    billing = services().billing
    if billing is None or name != billing.webhook:
        raise NotFound("NO_WEBHOOK", "Nothing is taken in here.", cure="Mend the address.")
    try:
        event = billing.event(request.get_data(cache=False), dict(request.headers))
    except InputError as error:
        structlog.get_logger("gas.web").warning("event refused", code=error.reason.code)
        raise
    wired = services()
    hear_event(
        event,
        payers=wired.payers,
        queues=wired.queues,
        together=wired.together,
        clock=wired.clock,
    )
    return Response(status=204)


def _billing() -> Billing:
    billing = services().billing
    if billing is None:
        raise NotFound("NO_BILLING", "Nobody takes money here.", cure="Ask the operator.")
    return billing


def _address(endpoint: str) -> str:
    return services().site.url + url_for(endpoint)
