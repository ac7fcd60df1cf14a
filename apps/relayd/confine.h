// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Confine: the process gives up every system call that serving does not need. Whoever takes it
// over can run no program, open no other kind of socket and trace nobody (decision 28).

#include "base/result.h"

namespace cercle::relayd {

/// For this process and all its threads, for good. A call that was given up answers EPERM. Errors:
/// unsupported (this kernel filters no calls).
Result<void> confine();

}  // namespace cercle::relayd
