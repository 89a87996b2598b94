/* What of minisign's form others have to know. */
#pragma once

#include "base/bytes.h"

/* True if TEXT may stand in a trusted comment: UTF-8, printable, tabs. */
bool minisign_comment_is_printable(struct bytes text);
