"""What every `SignIn` keeps to. A runner gives the fixture `sign_in`."""

from __future__ import annotations

import pytest

from gas.domain.errors import Forbidden
from gas.ports.sign_in import Grant, SignIn


class SignInContract:
    """Subclass it in a runner."""

    @pytest.mark.parametrize(
        "answer",
        [
            {},
            {"token": ""},
            {"token": "x"},
            {"code": "1"},
            {"token": "\udc80\0"},
            {"state": "", "code": "x"},
            {"state": "\udc80", "code": "\0"},
            {"error": "access_denied", "state": ""},
        ],
    )
    def test_no_made_up_answer_lets_anybody_in(
        self, sign_in: SignIn, answer: dict[str, str]
    ) -> None:
        with pytest.raises(Forbidden) as caught:
            sign_in.finish(answer, {})
        assert caught.value.reason.cure

    def test_has_a_name_for_its_button(self, sign_in: SignIn) -> None:
        assert sign_in.name.strip()

    def test_says_whether_people_leave_to_sign_in(self, sign_in: SignIn) -> None:
        departure = sign_in.begin("http://localhost/sign-in/return")
        assert (departure.url is not None) == sign_in.departs
        assert all(isinstance(value, str) for value in departure.remember.values())

    def test_each_departure_is_another(self, sign_in: SignIn) -> None:
        first, second = (sign_in.begin("http://localhost/sign-in/return") for _ in range(2))
        for name in {"state", "nonce"} & first.remember.keys():
            assert first.remember[name] != second.remember[name]
            assert len(first.remember[name]) >= 43  # 32 bytes in base64

    def test_what_others_sealed_is_worth_nothing(self, sign_in: SignIn) -> None:
        try:
            assert sign_in.renew("made up") == Grant()
        except Forbidden as refused:
            assert refused.reason.cure

    @pytest.mark.parametrize("sealed", ["", "made up"])
    def test_signing_out_never_fails(self, sign_in: SignIn, sealed: str) -> None:
        target = sign_in.sign_out(sealed, "http://localhost/")
        assert target is None or sign_in.departs
