// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Nonces: sees every authenticated encryption of this process and every frame that leaves a
// machine, and tells whether a key was ever used twice where it may be used once.
//
// The linker puts it before crypto::aead_encrypt (the tests' --wrap), so the product needs no hook
// for it. Two laws: no (key, nonce) pair encrypts twice, sent or not; and of two encryptions that
// differ in a nonce's first four bytes alone, which is what MLS makes of using one generation of a
// ratchet twice (RFC 9420 section 6.3.1, reuse_guard), at most one is ever sent.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "crypto/hash.h"

namespace cercle::simulation {

class Nonces {
  public:
    /// Sees all encryptions from now on, until it is destroyed; one at a time.
    Nonces();
    Nonces(const Nonces&) = delete;
    Nonces& operator=(const Nonces&) = delete;
    ~Nonces();

    void note_encryption(BytesView key, BytesView nonce, BytesView ciphertext);
    /// A frame from a device to the relay.
    void note_frame(BytesView frame);

    /// What was broken, in sentences.
    [[nodiscard]] const std::vector<std::string>& faults() const { return faults_; }

    [[nodiscard]] std::size_t encryptions() const { return pairs_.size(); }

    /// How many of them were seen to leave.
    [[nodiscard]] std::size_t sent() const { return sent_.size(); }

  private:
    void note_payload(BytesView payload);

    std::set<crypto::Digest> pairs_;
    /// By a ciphertext: the key with the nonce's tail that made it.
    std::map<crypto::Digest, crypto::Digest> made_by_;
    std::map<crypto::Digest, std::set<crypto::Digest>> sent_;
    std::set<std::size_t> sizes_;
    std::vector<std::string> faults_;
};

}  // namespace cercle::simulation
