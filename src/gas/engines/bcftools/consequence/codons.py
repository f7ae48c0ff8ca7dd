"""Genetic codes (NCBI's numbers), translation, and the names of amino acids."""

from __future__ import annotations

from collections.abc import Set
from functools import lru_cache
from itertools import product

BASES = "TCAG"
_STANDARD = "FFLLSSSSYY**CC*WLLLLPPPPHHQQRRRRIIIMTTTTNNKKSSRRVVVVAAAADDEEGGGG"
"""Table 1, codons in the order of BASES: TTT, TTC, TTA, ..."""
_DIFFERENCES: dict[int, dict[str, str]] = {
    2: {"AGA": "*", "AGG": "*", "ATA": "M", "TGA": "W"},
    3: {"ATA": "M", "CTT": "T", "CTC": "T", "CTA": "T", "CTG": "T", "TGA": "W"},
    4: {"TGA": "W"},
    5: {"AGA": "S", "AGG": "S", "ATA": "M", "TGA": "W"},
    6: {"TAA": "Q", "TAG": "Q"},
    9: {"AAA": "N", "AGA": "S", "AGG": "S", "TGA": "W"},
    10: {"TGA": "C"},
    12: {"CTG": "S"},
    13: {"AGA": "G", "AGG": "G", "ATA": "M", "TGA": "W"},
    14: {"AAA": "N", "AGA": "S", "AGG": "S", "TAA": "Y", "TGA": "W"},
    16: {"TAG": "L"},
    21: {"AAA": "N", "AGA": "S", "AGG": "S", "ATA": "M", "TGA": "W"},
    22: {"TCA": "*", "TAG": "L"},
    23: {"TTA": "*"},
    24: {"AGA": "S", "AGG": "K", "TGA": "W"},
    25: {"TGA": "G"},
    26: {"CTG": "A"},
}
_STARTS: dict[int, frozenset[str]] = {
    2: frozenset({"ATT", "ATC", "ATA", "ATG", "GTG"}),
    4: frozenset({"TTA", "TTG", "CTG", "ATT", "ATC", "ATA", "ATG", "GTG"}),
    5: frozenset({"TTG", "ATT", "ATC", "ATA", "ATG", "GTG"}),
    11: frozenset({"TTG", "CTG", "ATT", "ATC", "ATA", "ATG", "GTG"}),
}
_AMBIGUOUS = {
    "A": "A", "C": "C", "G": "G", "T": "T", "U": "T", "R": "AG", "Y": "CT", "S": "CG",
    "W": "AT", "K": "GT", "M": "AC", "B": "CGT", "D": "AGT", "H": "ACT", "V": "ACG",
}  # fmt: skip
_THREE = {
    "A": "Ala", "R": "Arg", "N": "Asn", "D": "Asp", "C": "Cys", "Q": "Gln", "E": "Glu",
    "G": "Gly", "H": "His", "I": "Ile", "L": "Leu", "K": "Lys", "M": "Met", "F": "Phe",
    "P": "Pro", "S": "Ser", "T": "Thr", "W": "Trp", "Y": "Tyr", "V": "Val", "U": "Sec",
    "O": "Pyl", "B": "Asx", "Z": "Glx", "J": "Xle", "*": "Ter",
}  # fmt: skip
_COMPLEMENT = str.maketrans("ACGTUNRYSWKMBDHVacgtun", "TGCAANYRSWMKVHDBtgcaan")
STANDARD = 1
STOP = "*"
SELENOCYSTEINE = "U"
BLOCK = 300
"""Bases that are translated at a time where a stop is soon met."""
UNKNOWN = "X"


def reverse_complement(bases: str) -> str:
    return bases.translate(_COMPLEMENT)[::-1]


@lru_cache(maxsize=32)
def genetic_code(table: int) -> dict[str, str]:
    """Amino acid by codon. Tables that are not known here are read as table 1."""
    codons = ("".join(codon) for codon in product(BASES, repeat=3))
    code = dict(zip(codons, _STANDARD, strict=True))
    code.update(_DIFFERENCES.get(table, {}))
    return code


def start_codons(table: int) -> frozenset[str]:
    """Ensembl takes ATG alone for the standard code."""
    return _STARTS.get(table, frozenset({"ATG"}))


@lru_cache(maxsize=65536)
def amino_acid(codon: str, table: int) -> str:
    """Of three bases. With ambiguous ones: what all readings agree on, B, Z, or X."""
    known = genetic_code(table).get(codon)
    if known is not None:
        return known
    readings = product(*(_AMBIGUOUS.get(base, "ACGT") for base in codon.upper()))
    found = {genetic_code(table)["".join(reading)] for reading in readings}
    if len(found) == 1:
        return found.pop()
    return "B" if found == {"D", "N"} else "Z" if found == {"E", "Q"} else UNKNOWN


def translated(bases: str, table: int) -> str:
    """Whole codons only; stops as '*'."""
    code = genetic_code(table)
    try:
        return "".join([code[bases[at : at + 3]] for at in range(0, len(bases) - 2, 3)])
    except KeyError:
        whole = range(0, len(bases) - 2, 3)
        return "".join([amino_acid(bases[at : at + 3], table) for at in whole])


def until_stop(bases: str, table: int, read_through: Set[int]) -> str:
    """Translated up to the first stop and with it; stops at some indices are read as Sec."""
    found = ""
    for at in range(0, len(bases), BLOCK):
        block = translated(bases[at : at + BLOCK], table)
        stop = block.find(STOP)
        while stop >= 0:
            if at // 3 + stop not in read_through:
                return found + block[: stop + 1]
            block = block[:stop] + SELENOCYSTEINE + block[stop + 1 :]
            stop = block.find(STOP)
        found += block
    return found


def three_letters(peptide: str) -> str:
    """'MK*' -> 'MetLysTer'. What is not known is written Ter, as Ensembl does: see protein.py."""
    return "".join([_THREE.get(letter, "Ter") for letter in peptide])
