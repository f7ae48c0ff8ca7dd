"""The API of the fake: each request held against Stripe's shapes, then done."""

from __future__ import annotations

import re
from typing import Any

from stripe import params
from stripe.params import billing_portal, checkout

from adapters.stripe.books import Books, Thing, listed
from adapters.stripe.shapes import BadShape, require_params


class Refused(Exception):
    def __init__(
        self, message: str, *, status: int = 400, code: str = "", parameter: str = ""
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.parameter = parameter


class Desk:
    def __init__(self, books: Books) -> None:
        self._books = books

    def do(self, method: str, path: str, form: Any) -> Thing:
        for wanted, pattern, shape, action in ROUTES:
            found = re.fullmatch(pattern, path)
            if found and method == wanted:
                try:
                    require_params(shape, form)
                except BadShape as trouble:
                    code = "parameter_unknown" if "unknown" in trouble.why else ""
                    raise Refused(str(trouble), code=code, parameter=trouble.parameter) from None
                answer: Thing = getattr(self, action)(*found.groups(), form)
                return answer
        raise Refused(f"Unrecognized request URL ({method}: {path}).", status=404)

    def create_customer(self, form: Any) -> Thing:
        email = form.get("email")
        if email is not None and "." not in email.rpartition("@")[2]:
            message = "Invalid email address"
            raise Refused(message, code="email_invalid", parameter="email")
        return self._books.make_customer(email, form.get("metadata", {}))

    def customer(self, customer_id: str, _form: Any) -> Thing:
        return self._found(self._books.customers, customer_id, "id", status=404)

    def delete_customer(self, customer_id: str, _form: Any) -> Thing:
        self._live_customer(customer_id, "id", status=404)
        return self._books.delete_customer(customer_id)

    def create_session(self, form: Any) -> Thing:
        self._live_customer(form["customer"], "customer")
        for number, item in enumerate(form["line_items"]):
            where = f"line_items[{number}][price]"
            price = self._found(self._books.prices, item["price"], where)
            if not price["active"] or price["type"] != "recurring":
                raise Refused("The price cannot be subscribed to.", parameter=where)
        return self._books.make_session(form)

    def create_portal(self, form: Any) -> Thing:
        self._live_customer(form["customer"], "customer")
        return self._books.make_portal(form)

    def subscriptions(self, form: Any) -> Thing:
        if not self._books.lists_the_deleted:
            self._live_customer(form["customer"], "customer")
        all_ = self._books.of_customer(form["customer"])
        if form.get("status") != "all":
            all_ = [one for one in all_ if one["status"] != "canceled"]
        after = form.get("starting_after")
        ids = [one["id"] for one in all_]
        begin = ids.index(after) + 1 if after else 0
        end = begin + int(form.get("limit", 10))
        return listed(all_[begin:end], "/v1/subscriptions", has_more=end < len(all_))

    def cancel(self, subscription_id: str, _form: Any) -> Thing:
        found = self._found(self._books.subscriptions, subscription_id, "id", status=404)
        if found["status"] == "canceled":
            raise _missing("subscription", subscription_id, "id", 404)
        return self._books.end(subscription_id)

    def price(self, price_id: str, _form: Any) -> Thing:
        return self._found(self._books.prices, price_id, "price", status=404)

    def _live_customer(self, customer_id: str, parameter: str, *, status: int = 400) -> None:
        found = self._found(self._books.customers, customer_id, parameter, status=status)
        if found.get("deleted"):
            raise _missing("customer", customer_id, parameter, status)

    def _found(
        self, things: dict[str, Thing], name: str, parameter: str, *, status: int = 400
    ) -> Thing:
        if name not in things:
            raise _missing(parameter, name, parameter, status)
        return things[name]


def _missing(kind: str, name: str, parameter: str, status: int) -> Refused:
    message = f"No such {kind}: '{name}'"
    return Refused(message, status=status, code="resource_missing", parameter=parameter)


CUSTOMERS = "/v1/customers"
ONE = r"/(\w+)"
ROUTES: tuple[tuple[str, str, type, str], ...] = (
    ("POST", CUSTOMERS, params.CustomerCreateParams, "create_customer"),
    ("GET", CUSTOMERS + ONE, params.CustomerRetrieveParams, "customer"),
    ("DELETE", CUSTOMERS + ONE, params.CustomerDeleteParams, "delete_customer"),
    ("POST", "/v1/checkout/sessions", checkout.SessionCreateParams, "create_session"),
    ("POST", "/v1/billing_portal/sessions", billing_portal.SessionCreateParams, "create_portal"),
    ("GET", "/v1/subscriptions", params.SubscriptionListParams, "subscriptions"),
    ("DELETE", "/v1/subscriptions" + ONE, params.SubscriptionCancelParams, "cancel"),
    ("GET", "/v1/prices" + ONE, params.PriceRetrieveParams, "price"),
)
