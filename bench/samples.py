"""Interchanges to measure with: orders as retailers send them, right in every respect and the same in every run."""

from random import Random

_ISA = "ISA*00*          *00*          *ZZ*BLUEBIRD       *ZZ*CROSSDOCK      *260122*1430*U*00401*000000017*0*T*>~"
_GS = "GS*PO*BLUEBIRD*CROSSDOCK*20260122*1430*17*X*004010~"
_UNB = "UNB+UNOC:3+5412345000013:14+4012345000009:14+260122:1430+17'"
_WORDS = [
    "GARDEN", "TROWEL", "STAINLESS", "STEEL", "ASH", "HANDLE", "COTTON", "TOWEL", "SET",
    "BLUE", "GREEN", "LARGE", "SMALL", "OAK", "SHELF", "LAMP", "BRASS",
]  # fmt: skip


def x12(messages: int, *, faulty: float = 0.0) -> bytes:
    """An interchange of 850s of 004010, about 2.1 KB and 60 segments each. faulty: the share of lines with a fault."""
    random, parts = Random(1), [_ISA, _GS]
    for number in range(1, messages + 1):
        parts.append(x12_message(random, number, faulty))
    parts += [f"GE*{messages}*17~", "IEA*1*000000017~"]
    return "".join(parts).encode()


def x12_message(random: Random, number: int, faulty: float) -> str:
    """One 850. Its control number has nine digits, as many as X12 allows."""
    control = f"{number:09}"
    segments = [
        f"ST*850*{control}",
        f"BEG*00*SA*PO-{random.randint(10**7, 10**8)}**20260122",
        "CUR*BY*USD",
        f"REF*DP*{random.randint(100, 999)}",
        f"REF*IA*{random.randint(10000, 99999)}",
        "PER*BD*JANE DOE*TE*555-0100*EM*JANE.DOE@BLUEBIRD.EXAMPLE",
        "FOB*CC",
        "ITD*01*3*2**30**31",
        "DTM*010*20260201",
        "DTM*002*20260215",
        f"N1*ST*BLUEBIRD STORES {random.randint(1, 999)}*92*{random.randint(1000, 9999)}",
        f"N3*{random.randint(1, 9999)} INDUSTRIAL PARK DRIVE*DOCK {random.randint(1, 40)}",
        f"N4*SPRINGFIELD*IL*{random.randint(10000, 99999)}*US",
        f"N1*BT*BLUEBIRD STORES ACCOUNTS PAYABLE*92*{random.randint(1000, 9999)}",
        "N3*1 HEADQUARTERS PLAZA",
        "N4*CHICAGO*IL*60601*US",
    ]
    for line in range(1, 15):
        price = random.randint(100, 99999) / 100
        unit = "QQ" if random.random() < faulty else "EA"
        segments += [
            f"PO1*{line}*{random.randint(1, 500)}*{unit}*{price:.2f}*PE*UP*{random.randint(10**11, 10**12 - 1)}"
            f"*SK*SKU-{random.randint(10000, 99999)}*IN*{random.randint(10**6, 10**7)}",
            f"PID*F*08***{' '.join(random.sample(_WORDS, 5))} {random.randint(1, 999)}",
            f"PO4*{random.randint(1, 24)}*1*EA*CTN",
        ]
    segments.append("CTT*14")
    return "~".join([*segments, f"SE*{len(segments) + 1}*{control}", ""])


def mixed(messages: int) -> bytes:
    """850s of one to eight lines, small ones mostly, whose optional segments come or not: no two orders look alike."""
    random, parts = Random(3), [_ISA, _GS]
    for number in range(1, messages + 1):
        lines = min(random.randint(1, 8), random.randint(1, 8))
        header, *groups = x12_message(random, number, 0.0).split("~N1*")
        first, _, rest = groups[-1].partition("~PO1*")
        start, beginning, *options = header.split("~")
        segments = [start, beginning, *(each for each in options if random.random() < 0.5)]
        for group in [*groups[:-1], first]:
            segments += [f"N1*{each}" if not at else each for at, each in enumerate(group.split("~"))]
        for line in rest.split("~PO1*")[:lines]:
            item, *options = line.split("~CTT*")[0].split("~")
            segments += [f"PO1*{item}", *(each for each in options if random.random() < 0.5)]
        segments.append(f"CTT*{lines}")
        parts.append("~".join([*segments, f"SE*{len(segments) + 1}*{number:09}", ""]))
    parts += [f"GE*{messages}*17~", "IEA*1*000000017~"]
    return "".join(parts).encode()


def edifact(messages: int, *, released: float = 0.0) -> bytes:
    """An interchange of ORDERS of D.96A, about 2.5 KB and 117 segments each.

    released: the share of texts that hold an apostrophe, which a release character must announce.
    """
    random, parts = Random(2), [_UNB]
    for number in range(1, messages + 1):
        parts.append(edifact_message(random, number, released))
    parts.append(f"UNZ+{messages}+17'")
    return "".join(parts).encode()


def edifact_message(random: Random, number: int, released: float) -> str:
    def text(words: str) -> str:
        return words.replace(" ", "?'", 1) if random.random() < released else words

    segments = [
        f"UNH+{number}+ORDERS:D:96A:UN:EAN008",
        f"BGM+220+PO{random.randint(10**7, 10**8)}+9",
        "DTM+137:20260122:102",
        "DTM+2:20260215:102",
        f"FTX+AAI+++{text('PLEASE DELIVER TO THE BACK DOOR BEFORE NOON')}",
        f"RFF+CT:{random.randint(10000, 99999)}",
        "NAD+BY+5412345000013::9",
        "NAD+SU+4012345000009::9",
        f"NAD+DP+5412345{random.randint(100000, 999999)}::9++{text('BLUEBIRD STORES')}+{random.randint(1, 9999)} "
        "INDUSTRIAL PARK+SPRINGFIELD++62701+US",
        "CUX+2:EUR:9",
    ]
    for line in range(1, 22):
        segments += [
            f"LIN+{line}++{random.randint(10**12, 10**13 - 1)}:EN",
            f"PIA+1+SKU-{random.randint(10000, 99999)}:SA",
            f"IMD+F++:::{text(' '.join(random.sample(_WORDS, 4)))[:35]}",
            f"QTY+21:{random.randint(1, 500)}",
            f"PRI+AAA:{random.randint(100, 99999) / 100:.2f}",
        ]
    segments += ["UNS+S"]
    return "'".join([*segments, f"UNT+{len(segments) + 1}+{number}", ""])
