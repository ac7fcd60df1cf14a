// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Incarnations: a relay that was restored from a backup is another one than it was, since it may
// have forgotten what it had called durable. It takes a new name, and its key signs which one it
// was before. The file `incarnation` (docs/spec/relay-store.md); one that was never restored has
// none.

#include "net/server_identity.h"
#include "protocol/incarnation.h"

namespace cercle::relay {

using protocol::IncarnationStatement;
using protocol::SignedIncarnation;

[[nodiscard]] Bytes sign_incarnation(const net::ServerIdentity& identity,
                                     const IncarnationStatement& statement);

/// What the file says, if the relay's key said it. Errors: malformed and its kin, forged.
[[nodiscard]] Result<IncarnationStatement> check_incarnation(BytesView file,
                                                             const net::ServerIdentity& identity);

}  // namespace cercle::relay
