// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Judge: whom this device believes to be a member of the circle. MLS asks it about every
// credential that arrives (RFC 9420 section 5.3.1).

#include "identity/passport.h"
#include "mls/credential.h"
#include "mls/group.h"

namespace cercle::client {

class Judge final : public mls::CredentialJudge {
  public:
    /// Judges as of `at`; `root` outlives it.
    Judge(const identity::Root& root, WallTime at)
        : root_(root),
          at_(at) {}

    /// Errors: certificate_*, wrong_signature_key.
    [[nodiscard]] Result<void> judge(const mls::Credential& credential,
                                     BytesView signature_key) const override;

    /// Who a member is, whose credential was judged when he came in; dates play no part any more.
    /// Errors: certificate_*.
    [[nodiscard]] Result<identity::Passport> passport(const mls::Credential& credential) const;

  private:
    const identity::Root& root_;
    WallTime at_;
};

}  // namespace cercle::client
