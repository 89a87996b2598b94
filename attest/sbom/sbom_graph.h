/* Who requires whom, out of the modules' go.mod files. */
#pragma once

#include "attest/sbom/sbom_model.h"

/* Sets the edges of every component whose go.mod is at hand. Requirements that are no part of the
 * binary are left out: go passes over packages that nothing imports. */
void sbom_link_graph(struct sbom *sbom, struct arena *arena);
