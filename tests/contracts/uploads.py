"""What every `Files` keeps to while an upload is on its way in."""

from __future__ import annotations

import hashlib
import io
import threading
from collections.abc import Callable
from functools import partial

import pytest

from contracts.files import KEY, PART, WHOLE, begin, content, part, parts_of, put, upload_whole
from gas.domain.errors import Conflict, GasError, InputError
from gas.ports.files import Files, missing_parts


class UploadsContract:
    """Subclass it in a runner."""

    @pytest.mark.parametrize("order", [(1, 2, 3), (3, 1, 2), (2, 2, 3, 1, 3)])
    def test_parts_in_any_order_and_twice_make_the_file(
        self, files: Files, order: tuple[int, ...]
    ) -> None:
        begin(files)
        for number in order:
            put(files, number)
        stored = files.finish_upload(KEY)
        assert stored.sha256 == hashlib.sha256(WHOLE).hexdigest()
        assert stored == files.stat(KEY)
        assert content(files) == WHOLE

    def test_so_many_uploads_of_one_owner_also_of_many_at_once(self, files: Files) -> None:
        begin(files, "inputs/other/one")
        refused: list[str] = []

        def one(number: int) -> None:
            key = f"inputs/owner/{number}"
            try:
                files.begin_upload(key, name="a.vcf", size_bytes=9, part_bytes=PART, most_open=3)
            except Conflict as error:
                refused.append(error.reason.code)

        threads = [threading.Thread(target=partial(one, number)) for number in range(9)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        found = files.uploads("inputs/owner/")
        assert len(found) == 3
        assert refused == ["TOO_MANY_UPLOADS"] * 6
        again = files.begin_upload(
            found[0].key, name="a.vcf", size_bytes=9, part_bytes=PART, most_open=3
        )
        assert again == found[0]

    def test_what_is_stored_is_never_more_than_its_policy(self, files: Files) -> None:
        """A part is replaced by a longer one, a further one is sent, a stream does not end."""
        begin(files)
        for number in (1, 2, 3):
            put(files, number)
        longer = io.BytesIO(bytes(PART + 1))
        for number in (1, 3, 4):
            with pytest.raises(InputError, match="UPLOAD_PART_WRONG"):
                files.put_part(KEY, number, longer, PART + 1)
        endless = io.BytesIO(part(1) + bytes(10 * PART))
        files.put_part(KEY, 1, endless, PART)
        assert files.finish_upload(KEY).size_bytes == len(WHOLE)
        assert content(files) == WHOLE

    def test_unfinished_ones_are_listed_with_their_parts(self, files: Files) -> None:
        begin(files, "inputs/owner/one")
        begin(files, "inputs/owner/two")
        begin(files, "inputs/other/three")
        put(files, 2, key="inputs/owner/two")
        found = files.uploads("inputs/owner/")
        assert {upload.id: upload.parts for upload in found} == {"one": (), "two": (2,)}
        upload_whole(files, "inputs/owner/whole")
        files.delete("inputs/owner/one")
        assert [upload.id for upload in files.uploads("inputs/owner/")] == ["two"]
        assert list(files.uploads("inputs/nobody/")) == []

    def test_begin_twice_gives_the_upload_as_it_stands(self, files: Files) -> None:
        begin(files)
        put(files, 2)
        again = files.begin_upload(KEY, name="a.vcf", size_bytes=len(WHOLE), part_bytes=PART)
        assert again.parts == (2,)
        assert missing_parts(again) == [1, 3]

    @pytest.mark.parametrize(
        ("name", "size_bytes", "part_bytes"),
        [("b.vcf", 2560, PART), ("a.vcf", 2561, PART), ("a.vcf", 2560, 999)],
    )
    def test_begin_with_other_values_is_a_conflict(
        self, files: Files, name: str, size_bytes: int, part_bytes: int
    ) -> None:
        begin(files)
        with pytest.raises(Conflict, match="UPLOAD_DIFFERS"):
            files.begin_upload(KEY, name=name, size_bytes=size_bytes, part_bytes=part_bytes)

    @pytest.mark.parametrize(
        ("number", "size"), [(0, 1000), (4, 1000), (-1, 1000), (1, 999), (1, 1001), (3, 1000)]
    )
    def test_a_part_that_does_not_fit_is_refused(
        self, files: Files, number: int, size: int
    ) -> None:
        begin(files)
        with pytest.raises(InputError, match="UPLOAD_PART_WRONG"):
            put(files, number, bytes(size))
        assert parts_of(files) == ()

    def test_a_stream_that_ends_early_leaves_no_part(self, files: Files) -> None:
        begin(files)
        with pytest.raises(InputError, match="UPLOAD_PART_CUT_SHORT"):
            files.put_part(KEY, 1, io.BytesIO(part(1)[:400]), PART)
        assert parts_of(files) == ()

    def test_a_stream_that_breaks_leaves_no_part_and_may_be_sent_again(self, files: Files) -> None:
        begin(files)
        with pytest.raises(ConnectionResetError):
            files.put_part(KEY, 1, Breaking(part(1)[:400]), PART)
        assert parts_of(files) == ()
        for number in (1, 2, 3):
            put(files, number)
        files.finish_upload(KEY)
        assert content(files) == WHOLE

    def test_replacing_a_part_that_breaks_takes_the_old_one_away(self, files: Files) -> None:
        begin(files)
        put(files, 1)
        with pytest.raises(InputError):
            files.put_part(KEY, 1, io.BytesIO(b"x"), PART)
        assert parts_of(files) == ()

    def test_a_part_is_read_to_its_size_and_no_further(self, files: Files) -> None:
        begin(files)
        stream = io.BytesIO(WHOLE)
        for number in (1, 2, 3):
            files.put_part(KEY, number, stream, len(part(number)))
        files.finish_upload(KEY)
        assert content(files) == WHOLE

    def test_resumes_after_a_restart(self, files: Files, again: Callable[[], Files]) -> None:
        begin(files)
        put(files, 1)
        put(files, 3)
        after = again()
        assert parts_of(after) == (1, 3)
        put(after, 2)
        after.finish_upload(KEY)
        assert content(files) == WHOLE

    def test_parts_arrive_at_once(self, files: Files, again: Callable[[], Files]) -> None:
        begin(files)
        stores = (files, again())
        _at_once([partial(put, store, number) for number in (1, 2, 3) for store in stores])
        for number in missing_parts(files.upload(KEY) or pytest.fail("gone")):
            put(files, number)
        files.finish_upload(KEY)
        assert content(files) == WHOLE

    def test_of_two_senders_of_a_part_the_later_counts(
        self, files: Files, again: Callable[[], Files]
    ) -> None:
        begin(files)
        hanging = Pausing(b"\0" * PART)
        errors: list[GasError] = []

        def first() -> None:
            try:
                files.put_part(KEY, 1, hanging, PART)
            except GasError as error:
                errors.append(error)

        thread = threading.Thread(target=first)
        thread.start()
        assert hanging.reading.wait(10)
        put(again(), 1)
        hanging.go_on.set()
        thread.join(10)
        assert [error.reason.code for error in errors] == ["UPLOAD_PART_TAKEN_OVER"]
        put(files, 2)
        put(files, 3)
        files.finish_upload(KEY)
        assert content(files) == WHOLE

    def test_finish_needs_every_part(self, files: Files) -> None:
        begin(files)
        put(files, 1)
        with pytest.raises(InputError, match=r"UPLOAD_INCOMPLETE.*2 of 3.*first is 2"):
            files.finish_upload(KEY)
        assert files.stat(KEY) is None

    def test_finish_twice_is_the_same(self, files: Files, again: Callable[[], Files]) -> None:
        upload_whole(files)
        assert files.finish_upload(KEY) == again().finish_upload(KEY) == files.stat(KEY)
        upload = files.upload(KEY)
        assert upload is not None
        assert (upload.finished, upload.parts, upload.name) == (True, (1, 2, 3), "a.vcf")

    def test_a_finished_upload_takes_no_part(self, files: Files) -> None:
        upload_whole(files)
        with pytest.raises(Conflict, match="UPLOAD_FINISHED"):
            put(files, 1)
        assert content(files) == WHOLE

    def test_an_empty_file_is_whole_at_once(self, files: Files) -> None:
        files.begin_upload(KEY, name="e", size_bytes=0, part_bytes=PART)
        assert files.finish_upload(KEY).size_bytes == 0


class Pausing(io.BytesIO):
    """Sends half, then waits."""

    def __init__(self, data: bytes) -> None:
        super().__init__(data)
        self.reading = threading.Event()
        self.go_on = threading.Event()

    def read(self, size: int | None = -1, /) -> bytes:
        if self.tell():
            self.reading.set()
            assert self.go_on.wait(10)
        return super().read(PART // 2)


class Breaking(io.BytesIO):
    def read(self, size: int | None = -1, /) -> bytes:
        if data := super().read(size):
            return data
        raise ConnectionResetError


def _at_once(calls: list[Callable[[], None]]) -> None:
    def run(call: Callable[[], None]) -> None:
        try:
            call()
        except Conflict as error:
            taken.append(error.reason.code)

    taken: list[str] = []
    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert set(taken) <= {"UPLOAD_PART_TAKEN_OVER"}
