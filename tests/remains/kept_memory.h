// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Memory that nobody writes over: what this program gives back to C++'s heap stays as it is. An
// allocator uses a block again at once or never, as chance has it, so what somebody forgot to wipe
// would be found on some days only.

namespace cercle::remains {

/// As long as it lives. One at a time.
class KeptMemory {
  public:
    KeptMemory();
    KeptMemory(const KeptMemory&) = delete;
    KeptMemory& operator=(const KeptMemory&) = delete;
    ~KeptMemory();
};

}  // namespace cercle::remains
