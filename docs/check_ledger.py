"""Checks days of the ledger, written by `jiezhuan ledger`, and receipts for them, with nothing but Python. See ledger.md."""

import argparse
import hashlib
import json
import subprocess
import sys
import tempfile
import uuid

NOTHING = bytes(16)


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def text(value):
    data = value.encode()
    return len(data).to_bytes(8, "big") + data


def key(value):
    return uuid.UUID(value).bytes if value else NOTHING


def entry_hash(entry):
    texts = ("kind", "from_stock", "to_stock", "province", "city", "policy", "actor")
    return sha(
        b"\1", bytes.fromhex(entry["prev"]), key(entry["traveller"]), entry["seq"].to_bytes(4, "big"),
        *(text(entry[name]) for name in texts), key(entry["from"]), key(entry["to"]),
        entry["happened_at"].to_bytes(8, "big", signed=True), entry["recorded_at"].to_bytes(8, "big", signed=True), key(entry["act"]),
    )


def root(leaves):
    if len(leaves) == 1:
        return sha(b"\0", leaves[0])
    left = 1
    while left * 2 < len(leaves):
        left *= 2
    return sha(b"\1", root(leaves[:left]), root(leaves[left:]))


def signature_is_good(signed, message):
    """True, False, or None where there is no OpenSSL that can tell."""
    with tempfile.TemporaryDirectory() as folder:
        def put(name, data):
            with open(f"{folder}/{name}", "wb") as out:
                out.write(data)
            return f"{folder}/{name}"
        public = put("key", bytes.fromhex("302a300506032b6570032100" + signed["public_key"]))
        said, signature = put("said", message), put("signature", bytes.fromhex(signed["signature"]))
        command = ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", public, "-rawin", "-in", said, "-sigfile", signature]
        try:
            done = subprocess.run(command, capture_output=True, text=True)
        except FileNotFoundError:
            return None
        return True if done.returncode == 0 else False if "Signature Verification Failure" in done.stdout + done.stderr else None


def faults(head, entries, previous):
    before = {}
    for line, entry in enumerate(entries, 2):
        if entry_hash(entry).hex() != entry["hash"]:
            yield f"line {line}: the entry does not say what it said when it was written"
        last = before.get(entry["traveller"])
        if last and (entry["seq"], entry["prev"], entry["from"]) != (last["seq"] + 1, last["hash"], last["to"]):
            yield f"line {line}: the entry does not follow the one before"
        before[entry["traveller"]] = entry
    order = [(uuid.UUID(entry["traveller"]).bytes, entry["seq"]) for entry in entries]
    if order != sorted(set(order)):
        yield "the entries are not in their order, or one is there twice"
    if not entries or head["entries"] != len(entries):
        yield f"the day has {head['entries']} entries, the file {len(entries)}"
        return
    if root([bytes.fromhex(entry["hash"]) for entry in entries]).hex() != head["root"]:
        yield "the root is not that of the entries"
    chain = sha(b"\2", bytes.fromhex(head["previous"]), head["on"].encode(), len(entries).to_bytes(8, "big"), bytes.fromhex(head["root"]))
    if chain.hex() != head["chain"]:
        yield "the chain value is not that of the root"
    if previous and previous != head["previous"]:
        yield "the day does not follow the one whose chain value was kept"
    if signature_is_good(head, b"jiezhuan day\0" + chain) is False:
        yield "the signature is not good"


def faults_of_receipt(receipt, days):
    head = next((head for head in days if head["on"] == receipt["on"]), None)
    if head is None:
        yield f"the receipt of {receipt['organisation']} is for {receipt['on']}, a day that was not given"
        return
    if head["chain"] != receipt["chain"]:
        yield f"{receipt['organisation']} keeps another chain value of {receipt['on']}"
    said = b"jiezhuan kept\0" + bytes.fromhex(receipt["chain"]) + receipt["on"].encode()
    if signature_is_good(receipt, said + receipt["at_micros"].to_bytes(8, "big", signed=True) + receipt["organisation"].encode()) is False:
        yield f"the receipt of {receipt['organisation']} is not signed"


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("file", nargs="+", help="days in their order")
    arguments.add_argument("--previous", help="the chain value of the day before the first, as it was kept")
    arguments.add_argument("--kept", action="append", default=[], metavar="FILE", help="a receipt, as the program answered it")
    arguments = arguments.parse_args()
    found, days, previous = [], [], arguments.previous
    for file in arguments.file:
        with open(file, encoding="utf-8") as lines:
            head, *entries = (json.loads(line) for line in lines)
        found += faults(head, entries, previous)
        days.append(head)
        previous = head["chain"]
    for file in arguments.kept:
        with open(file, encoding="utf-8") as receipt:
            found += faults_of_receipt(json.load(receipt), days)
    print("\n".join(found) if found else f"ok {previous}")
    sys.exit(1 if found else 0)


main()
