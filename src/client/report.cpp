// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/report.h"

#include <algorithm>

namespace cercle::client {
namespace {

std::uint64_t percent_of(const FileProgress& progress) {
    return progress.done * 100 / std::max<std::uint64_t>(1, progress.total);
}

}  // namespace

void Report::show(FileProgress::Act act, std::uint64_t done, std::uint64_t total) {
    const FileProgress now{act, done, total, last_.message, {}};
    if (act == last_.act && done == last_.done && total == last_.total) return;
    if (waiting_.patience == Device::Patience::UntilUnreachable) {
        waiting_.deadline = loop_.in(usual_patience);
    }
    const bool tells = act != last_.act || total != last_.total || done >= total ||
                       percent_of(now) != percent_of(last_);
    last_ = now;
    if (tells) sink_(now);
}

}  // namespace cercle::client
