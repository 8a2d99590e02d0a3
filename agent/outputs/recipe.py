"""VERIFY.md: how to check a bundle with a POSIX shell, sed, openssl 3 and sha256sum, without this product."""

from __future__ import annotations

_TEXT = r"""# How to check this bundle

Review `REVIEW`. You need this folder, a POSIX shell, `sed`, `base64`, `sha256sum`, `openssl` 3, and the **public
key** of the Clearance that wrote it, as a PEM file that you got by another way than with this folder. Put its path
in `KEY`. Whoever could change the bundle could change this file too: where that matters, take the same text from
Clearance's own source (`docs/verify.md`).

The shortest way, where the product is at hand: `clearance verify FOLDER --key KEY`.

By hand, inside this folder; each step must end without a complaint:

```sh
set -eu
LC_ALL=C; export LC_ALL
T=$(mktemp -d)

# 1. Nothing but plain files, in this folder and in evidence/.
test -z "$(find . ! -type f ! -type d)" || { echo "something here is no plain file"; exit 1; }
test "$(find . -type d | sort | tr '\n' ' ')" = ". ./evidence " || { echo "a folder is here that does not belong"; exit 1; }

# 2. The fingerprint of your key: compare it with the one its owner told you.
IS=$(openssl pkey -pubin -in "$KEY" -outform DER | tail -c RAW_LENGTH | sha256sum | cut -c 1-64)
echo "fingerprint sha256:$IS"

# 3. The signature over the statement (DSSE: the type and the payload, each with its length).
sed 's/^{"payload":"\([^"]*\)".*/\1/' statement.dsse.json | base64 -d > "$T/statement"
sed 's/.*"sig":"\([^"]*\)".*/\1/' statement.dsse.json | base64 -d > "$T/signature"
printf 'DSSEv1 28 application/vnd.in-toto+json %s ' "$(wc -c < "$T/statement" | tr -d ' ')" > "$T/signed"
cat "$T/statement" >> "$T/signed"
OPENSSL_VERIFY

# 4. The envelope is written in the one way that there is, and names your key.
{ printf '{"payload":"'; base64 < "$T/statement" | tr -d '\n'
  printf '","payloadType":"application/vnd.in-toto+json","signatures":[{"keyid":"sha256:%s","sig":"' "$IS"
  base64 < "$T/signature" | tr -d '\n'; printf '"}]}'; } > "$T/envelope"
cmp "$T/envelope" statement.dsse.json

# 5. Every file that the statement lists is here, unchanged.
{ sed 's/.*"subject":\[//; s/},{"digest"/}\
{"digest"/g' "$T/statement"; echo; } |
  sed -n 's/.*"sha256":"\([0-9a-f]*\)"},"name":"\([^"]*\)".*/\1  \2/p' > "$T/files"
test -s "$T/files"
sha256sum --check --strict --quiet "$T/files"

# 6. Nothing is here that it does not list, or by another name (but for the statement itself).
{ sed 's/^[0-9a-f]*  //' "$T/files"; echo statement.dsse.json; } | sort > "$T/listed"
find . -type f | sed 's/^\.\///' | sort > "$T/here"
cmp "$T/listed" "$T/here" || { echo "a file is here that is not listed"; exit 1; }

# 7. Each evidence file is named by what it holds.
sed -n 's/^\([0-9a-f]*\)  evidence\/\(.*\)\.json$/\1 \2/p' "$T/files" |
  while read -r is named; do test "$is" = "$named" || { echo "$named is misnamed"; exit 1; }; done

# 8. What was decided, and by whom.
sed 's/"predicateType".*//' "$T/statement" | tr '{,}' '\n\n\n' |
  sed -n -e '/^"decision"/p' -e '/^"gate"/p' -e '/^"subject"/p' -e '/^"version"/p' -e '/^"sandbox"/p' -e '/^"name"/p' -e '/^"role"/p' \
    -e '/^"assurance"/p' -e '/^"issuer"/p'
rm -r "$T"
echo "the bundle holds"
```

What this shows: the holder of the key sealed exactly these files. Each sign-off stands in `review.json` under
`signoffs`, over the digest of what was shown: with `"assurance":"key"` it is a signature by that person's own key, with
`"oidc"` it is sealed by the key above, whose holder says that this person was logged in at `issuer`, and with `"slack"`
that this member of a workspace pressed the button. `clearance verify`
checks those too, and the chain in `log.jsonl`.
Whether the decision was revoked later is not in a bundle: ask `clearance may-deploy` where it was written. Times are
those of the machine that wrote them; no time-stamp authority confirms them. Evidence bodies are redacted; each
file in `evidence/` lists under `redacted` what was taken out.
"""
_VERIFY = {
    32: 'openssl pkeyutl -verify -pubin -inkey "$KEY" -rawin -in "$T/signed" -sigfile "$T/signature"',
    65: 'openssl dgst -sha256 -verify "$KEY" -signature "$T/signature" "$T/signed"',
}


def recipe(review: str, raw_length: int = 32) -> bytes:
    """The recipe for one bundle. `raw_length`: bytes of the raw public key that seals, 32 for Ed25519, 65 for P-256."""
    filled = _TEXT.replace("RAW_LENGTH", str(raw_length)).replace("OPENSSL_VERIFY", _VERIFY[raw_length])
    return filled.replace("REVIEW", review, 1).encode()
