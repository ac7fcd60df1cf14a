// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// What stands in the steps of an enrolment (docs/spec/invitation.md), and in what both ends keep
// of one between them. Private to this folder: who is outside sees closed steps.

#include <array>
#include <tuple>

#include "identity/enrolment.h"

namespace cercle::identity {

/// Inside of steps 2 to 4: an HPKE message.
struct Hybrid {
    Bytes encapsulation;
    Bytes ciphertext;

    auto fields(this auto& self) { return std::tie(self.encapsulation, self.ciphertext); }
};

struct Step0 {
    Bytes newcomer_key;
    std::array<std::uint8_t, 32> commitment{};

    auto fields(this auto& self) { return std::tie(self.newcomer_key, self.commitment); }
};

struct Step1 {
    Bytes officer_key;
    Bytes root;
    RootSignature signature;  // over step 0 as it was sent, and officer_key

    auto fields(this auto& self) { return std::tie(self.officer_key, self.root, self.signature); }
};

struct Step2 {
    EnrolmentRequest request;
    Bytes opening;
    Bytes proof;  // of the signature key over steps 0 and 1 as they were sent

    auto fields(this auto& self) { return std::tie(self.request, self.opening, self.proof); }
};

struct SavedNewcomer {
    std::uint8_t version = 1;
    protocol::ExchangeId exchange;
    Secret token;
    Secret closing;
    EnrolmentRequest request;
    Secret ephemeral;
    Bytes opening;

    auto fields(this auto& self) {
        return std::tie(self.version,
                        self.exchange,
                        self.token,
                        self.closing,
                        self.request,
                        self.ephemeral,
                        self.opening);
    }
};

struct SavedAdmitter {
    std::uint8_t version = 1;
    protocol::ExchangeId exchange;
    Secret token;
    Secret closing;
    Secret ephemeral;

    auto fields(this auto& self) {
        return std::tie(self.version, self.exchange, self.token, self.closing, self.ephemeral);
    }
};

}  // namespace cercle::identity
