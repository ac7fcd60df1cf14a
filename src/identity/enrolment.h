// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Enrolment: the five steps by which an invitation becomes a device (docs/spec/invitation.md).
//
//   0  newcomer   an ephemeral key, and a commitment to the request that will follow
//   1  officer    an ephemeral key, signed by the authority over steps 0 and 1
//   2  newcomer   the request, encrypted to the officer's ephemeral key
//   3  officer    certificate and directory, encrypted to the newcomer's ephemeral key
//   4  newcomer   a key package, by which the officer adds it to the directory's conversation
//
// Every step is closed under a key of its own that derives from the invitation's secret (and the
// second code, where there is one), so the relay, who passes them on, can neither read nor
// forge one; steps 2 to 4 are encrypted to hybrid post-quantum keys as well, so an invitation
// that is photographed after its use opens nothing. All functions are pure.

#include <optional>
#include <string>

#include "crypto/hpke.h"
#include "identity/directory.h"
#include "identity/invitation.h"
#include "protocol/words.h"

namespace cercle::identity {

/// What both ends derive from an invitation.
struct EnrolmentKeys {
    protocol::ExchangeId exchange;
    Secret token;    // the right to use the exchange
    Secret closing;  // from it derives each step's own key

    /// `code` is empty where the invitation needs none; blanks and hyphens in it are forgiven.
    [[nodiscard]] static EnrolmentKeys derive(const Secret& invitation_secret,
                                              std::string_view code);
};

/// 80 bits, as four groups of four letters and digits.
[[nodiscard]] std::string make_second_code(Random& random);

/// What a new device asks to have certified and admitted.
struct EnrolmentRequest {
    Bytes signature_key;  // MLS leaf, Ed25519
    protocol::DeviceKey device_key;
    protocol::LogId inbox;
    protocol::ReaderKey inbox_reader;
    Secret inbox_secret;

    auto fields(this auto& self) {
        return std::tie(
            self.signature_key, self.device_key, self.inbox, self.inbox_reader, self.inbox_secret);
    }
};

/// What the officer gives it.
struct EnrolmentAnswer {
    Bytes root;
    Bytes certificate;
    Secret directory;               // a signed page with all there is
    protocol::LogId directory_log;  // of the conversation in which further pages come

    auto fields(this auto& self) {
        return std::tie(self.root, self.certificate, self.directory, self.directory_log);
    }
};

struct Step2;

/// The newcomer's side. Everything it must remember across a crash is in `save()`.
class Newcomer {
  public:
    [[nodiscard]] static Newcomer begin(EnrolmentKeys keys,
                                        EnrolmentRequest request,
                                        Random& random);
    [[nodiscard]] Secret save() const;
    [[nodiscard]] static Result<Newcomer> load(BytesView saved);

    [[nodiscard]] const EnrolmentKeys& keys() const { return keys_; }

    [[nodiscard]] const EnrolmentRequest& request() const { return request_; }

    [[nodiscard]] Bytes step0(Random& random) const;
    /// Step 2 for the officer's step 1; `proof` is the signature key itself, which shows that it
    /// is the newcomer's own. The circle must be the invitation's.
    /// Errors: forged, certificate_invalid, certificate_untrusted.
    [[nodiscard]] Result<Bytes> step2(BytesView step0,
                                      BytesView step1,
                                      const CircleId& circle,
                                      const crypto::SigningKey& proof,
                                      Random& random) const;
    /// What its person reads out to the officer (identity/six_words.h), once step 2 could be made.
    [[nodiscard]] std::string words(BytesView step0, BytesView step1) const;
    /// Errors: forged, certificate_*, and open_page's.
    [[nodiscard]] Result<EnrolmentAnswer> open_step3(BytesView step3,
                                                     const CircleId& circle,
                                                     WallTime now) const;
    [[nodiscard]] Result<Bytes> step4(BytesView step1, BytesView key_package, Random& random) const;

  private:
    Newcomer(EnrolmentKeys keys, EnrolmentRequest request, crypto::KemKey ephemeral, Bytes opening);

    EnrolmentKeys keys_;
    EnrolmentRequest request_;
    crypto::KemKey ephemeral_;
    Bytes opening_;  // 32 random bytes that open the commitment
};

/// The officer's side, for one invitation.
class Admitter {
  public:
    [[nodiscard]] static Admitter begin(EnrolmentKeys keys, Random& random);
    [[nodiscard]] Secret save() const;
    [[nodiscard]] static Result<Admitter> load(BytesView saved);

    [[nodiscard]] const EnrolmentKeys& keys() const { return keys_; }

    /// Errors: forged.
    [[nodiscard]] Result<Bytes> step1(BytesView step0,
                                      const Authority& authority,
                                      Random& random) const;
    /// Checks the commitment and the proof. Errors: forged, malformed.
    [[nodiscard]] Result<EnrolmentRequest> open_step2(BytesView step0,
                                                      BytesView step1,
                                                      BytesView step2) const;
    /// The words that the newcomer's person sees, if it is the one who made these steps.
    /// Errors: as of open_step2.
    [[nodiscard]] Result<std::string> words(BytesView step0,
                                            BytesView step1,
                                            BytesView step2) const;
    [[nodiscard]] Result<Bytes> step3(BytesView step0,
                                      const EnrolmentAnswer& answer,
                                      Random& random) const;
    /// The key package. Errors: forged.
    [[nodiscard]] Result<Bytes> open_step4(BytesView step4) const;

  private:
    Admitter(EnrolmentKeys keys, crypto::KemKey ephemeral);

    /// Step 2 with what it has to be checked against.
    [[nodiscard]] Result<Step2> checked_step2(BytesView step0,
                                              BytesView step1,
                                              BytesView step2) const;

    EnrolmentKeys keys_;
    crypto::KemKey ephemeral_;
};

}  // namespace cercle::identity
