"""Workbooks that somebody else made (ECMA-376: ZIP archives of XML), looked at before anything in them is used."""

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

PARTS_MAX, UNPACKED_MAX_BYTES, STYLES_MAX_BYTES = 100, 8 * 1024 * 1024, 256 * 1024
METHODS = (ZIP_STORED, ZIP_DEFLATED)  # all that ECMA-376-2 knows; the others reserve memory as they please
IS_ENCRYPTED = 0x1


class UnsafeArchive(Exception):
    """The archive is no workbook that one may open."""


class ArchiveTooLarge(UnsafeArchive):
    """The archive holds too much, once unpacked."""


def check_workbook(content: bytes) -> None:
    """Raise ArchiveTooLarge for a bomb, UnsafeArchive for XML that declares entities (XXE) or other trickery.

    Raises besides what zipfile raises for an archive that is broken.
    """
    with ZipFile(BytesIO(content)) as archive:
        parts = archive.infolist()
        sizes = [part.file_size for part in parts]  # zipfile gives no more of a part than it declares
        styles = [part.file_size for part in parts if part.filename.endswith("styles.xml")]
        if len(parts) > PARTS_MAX or sum(sizes) > UNPACKED_MAX_BYTES or sum(styles) > STYLES_MAX_BYTES:
            raise ArchiveTooLarge
        if any(part.compress_type not in METHODS or part.flag_bits & IS_ENCRYPTED for part in parts):
            raise UnsafeArchive
        if any(b"<!DOCTYPE" in archive.read(part).replace(b"\0", b"") for part in parts):
            raise UnsafeArchive
