# SPDX-License-Identifier: Apache-2.0
# include gate.mk; `make publish` then wants `dist` and `publish-files` of your own, and RELEASE_KEY.
EVIDENCE ?= evidence
RELEASE_KEY ?= $(error RELEASE_KEY names no key)

.PHONY: gate publish
gate: dist
	reproof gate --out $(EVIDENCE) --key $(RELEASE_KEY)

# Never reached unless the gate said yes.
publish: gate
	$(MAKE) publish-files FILES="dist/* $(EVIDENCE)/*"
