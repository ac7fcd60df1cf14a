// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Judge: whom this device believes to be a member of the circle. MLS asks it about every
// credential that arrives (RFC 9420 section 5.3.1).

#include <optional>

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

    /// Judges those among whom a Welcome takes us: they are members already, each judged when he
    /// came in. One of them who has not been there for a year keeps nobody else out.
    [[nodiscard]] static Judge of_those_present(const identity::Root& root) { return Judge(root); }

    /// Errors: certificate_*, wrong_signature_key.
    [[nodiscard]] Result<void> judge(const mls::Credential& credential,
                                     BytesView signature_key) const override;

    /// The same member and device, by another certificate. Errors: credential_not_a_successor.
    [[nodiscard]] Result<void> judge_successor(const mls::Credential& before,
                                               const mls::Credential& after) const override;

    /// Who a member is, whose credential was judged when he came in; dates play no part any more.
    /// Errors: certificate_*.
    [[nodiscard]] Result<identity::Passport> passport(const mls::Credential& credential) const;

  private:
    explicit Judge(const identity::Root& root)
        : root_(root) {}

    const identity::Root& root_;
    std::optional<WallTime> at_;
};

}  // namespace cercle::client
