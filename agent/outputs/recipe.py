"""VERIFY.md: how to check a bundle with a POSIX shell, sed, openssl 3 and sha256sum, without this product."""

from __future__ import annotations

from agent.domain import ReviewDocument

_TEXT = r"""# How to check this bundle

Review `REVIEW`. You need this folder, a POSIX shell, `sed`, `base64`, `sha256sum`, `openssl` 3, and the **public
key** of the Clearance that wrote it, as a PEM file that you got by another way than with this folder. Put its path
in `KEY`.

The shortest way, where the product is at hand: `clearance verify FOLDER --key KEY`.

By hand, inside this folder; each step must end without a complaint:

```sh
set -eu
# 1. The fingerprint of your key: compare it with the one its owner told you.
openssl pkey -pubin -in "$KEY" -outform DER | tail -c 32 | sha256sum

# 2. The signature over the statement (DSSE: the type and the payload, each with its length).
T=$(mktemp -d)
sed 's/^{"payload":"\([^"]*\)".*/\1/' statement.dsse.json | base64 -d > "$T/statement"
sed 's/.*"sig":"\([^"]*\)".*/\1/' statement.dsse.json | base64 -d > "$T/signature"
printf 'DSSEv1 28 application/vnd.in-toto+json %s ' "$(wc -c < "$T/statement" | tr -d ' ')" > "$T/signed"
cat "$T/statement" >> "$T/signed"
openssl pkeyutl -verify -pubin -inkey "$KEY" -rawin -in "$T/signed" -sigfile "$T/signature"

# 3. Every file that the statement lists is here, unchanged.
{ sed 's/.*"subject":\[//; s/},{"digest"/}\
{"digest"/g' "$T/statement"; echo; } |
  sed -n 's/.*"sha256":"\([0-9a-f]*\)"},"name":"\([^"]*\)".*/\1  \2/p' > "$T/files"
test -s "$T/files"
sha256sum --check --strict --quiet "$T/files"

# 4. Nothing is here that it does not list (but for the statement itself).
test "$(find . ! -type d | wc -l)" -eq "$(($(wc -l < "$T/files") + 1))" || { echo "a file is here that is not listed"; exit 1; }

# 5. Each evidence file is named by what it holds.
sed -n 's/^\([0-9a-f]*\)  evidence\/\(.*\)\.json$/\1 \2/p' "$T/files" |
  while read -r is named; do test "$is" = "$named" || { echo "$named is misnamed"; exit 1; }; done

# 6. What was decided, and by whom.
sed 's/"predicateType".*//' "$T/statement" | tr '{,}' '\n\n\n' |
  sed -n -e '/^"decision"/p' -e '/^"gate"/p' -e '/^"subject"/p' -e '/^"version"/p' -e '/^"sandbox"/p' -e '/^"name"/p' -e '/^"role"/p' \
    -e '/^"assurance"/p' -e '/^"issuer"/p'
rm -r "$T"
echo "the bundle holds"
```

What this shows: the holder of the key sealed exactly these files. Each sign-off stands in `review.json` under
`signoffs`, over the digest of what was shown: with `"assurance":"key"` it is a signature by that person's own key, with
`"oidc"` it is sealed by the key above, whose holder says that this person was logged in at `issuer`. `clearance verify`
checks those too, and the chain in `log.jsonl`.
Whether the decision was revoked later is not in a bundle: ask `clearance may-deploy` where it was written. Times are
those of the machine that wrote them; no time-stamp authority confirms them. Evidence bodies are redacted; each
file in `evidence/` lists under `redacted` what was taken out.
"""


def recipe(document: ReviewDocument) -> bytes:
    """The recipe for one bundle."""
    return _TEXT.replace("REVIEW", document.review, 1).encode()
