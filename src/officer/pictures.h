// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Pictures: whose face the officer's machine shows to whom, and on which page (decision 70). A page
// names all pictures by their hashes; the picture itself stands on few, since it is as long as a
// hundred entries without one.

#include <functional>
#include <optional>
#include <set>

#include "client/core.h"
#include "officer/register.h"

namespace cercle::officer {

/// Sets a member's picture, or takes it away, and tells every hall that sees him. The same one once
/// more is sent once more. Errors: unknown, picture_unfit.
[[nodiscard]] Result<void> portray(client::Core& core,
                                   const AuthorityRow& authority,
                                   identity::MemberId member,
                                   const std::optional<Bytes>& picture);

namespace pictures {

using Wanted = std::function<bool(const identity::MemberId&)>;

[[nodiscard]] inline bool of_everybody(const identity::MemberId& /*member*/) {
    return true;
}

/// The pictures of all who are wanted, where a page has only named them.
[[nodiscard]] Result<void> show(store::Transaction& transaction,
                                identity::DirectoryPage& page,
                                const Wanted& wanted);

/// What is shown on a page is shown on the one that says everything in its place, and nothing more:
/// its readers have been sent the other pictures.
void keep_shown(identity::DirectoryPage& whole, const identity::DirectoryPage& page);

/// Whose picture was set or taken away after the first page of a device was written, which was when
/// it was certified as the one of this number.
[[nodiscard]] Result<std::set<identity::MemberId>> set_since(store::Transaction& transaction,
                                                             std::int64_t number);

}  // namespace pictures

}  // namespace cercle::officer
