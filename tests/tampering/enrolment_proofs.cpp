// SPDX-License-Identifier: AGPL-3.0-or-later
//
// The five steps of an enrolment, layer by layer: the closing under the invitation's secret, HPKE
// inside of it, and inside of that the signatures and the commitment. Who forges an inner layer
// closes the outer ones rightly around it, as only a holder of the invitation can; structures as
// in docs/spec/invitation.md.

#include <array>

#include "tests/stage/meeting.h"
#include "tests/tampering/both_keys.h"
#include "tests/tampering/proof.h"

namespace {

using namespace cercle;
using namespace cercle::tampering;
using stage::Meeting;

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
    identity::RootSignature signature;

    auto fields(this auto& self) { return std::tie(self.officer_key, self.root, self.signature); }
};

struct Step2 {
    identity::EnrolmentRequest request;
    Bytes opening;
    Bytes proof;

    auto fields(this auto& self) { return std::tie(self.request, self.opening, self.proof); }
};

template <unsigned step>
Present outer_layer() {
    return [meeting = std::make_shared<Meeting>()](const Change& change) {
        return meeting->show(step, change(meeting->genuine(step)));
    };
}

/// The ciphertext of the HPKE message in a step. Its encapsulation is tried among the primitives.
template <unsigned step>
Present hybrid_layer() {
    auto meeting = std::make_shared<Meeting>();
    const auto hybrid = must(codec::decode<Hybrid>(meeting->opened(step)));
    return [meeting, hybrid](const Change& change) {
        const Hybrid changed{hybrid.encapsulation, change(hybrid.ciphertext)};
        return meeting->show(step, meeting->closed(step, codec::encode(changed)));
    };
}

const Registration outer0{{.name = "step 0 of an enrolment",
                           .labels = {"Cercle 1 enrolment step 0"},
                           .judged_in = {"identity/enrolment.cpp"},
                           .refusal = Code::forged,
                           .prepare = outer_layer<0>}};
const Registration outer1{{.name = "step 1 of an enrolment",
                           .labels = {"Cercle 1 enrolment step 1"},
                           .judged_in = {"identity/enrolment.cpp"},
                           .refusal = Code::forged,
                           .prepare = outer_layer<1>}};
const Registration outer2{{.name = "step 2 of an enrolment",
                           .labels = {"Cercle 1 enrolment step 2"},
                           .judged_in = {"identity/enrolment.cpp"},
                           .refusal = Code::forged,
                           .prepare = outer_layer<2>}};
const Registration outer3{{.name = "step 3 of an enrolment",
                           .labels = {"Cercle 1 enrolment step 3"},
                           .judged_in = {"identity/enrolment.cpp"},
                           .refusal = Code::forged,
                           .prepare = outer_layer<3>}};
const Registration outer4{{.name = "step 4 of an enrolment",
                           .labels = {"Cercle 1 enrolment step 4"},
                           .judged_in = {"identity/enrolment.cpp"},
                           .refusal = Code::forged,
                           .prepare = outer_layer<4>}};

// Of the three steps with HPKE inside the shortest: the other two open theirs by the same line.
const Registration inside_step4{{.name = "the HPKE message in step 4 of an enrolment",
                                 .labels = {"Cercle 1 enrolment step 4"},
                                 .judged_in = {"identity/enrolment.cpp"},
                                 .refusal = Code::forged,
                                 .prepare = hybrid_layer<4>}};

const Registrations officer_signature{of_both_keys(
    {.name = "the authority's signature over the officer's ephemeral key",
     .labels = {"Cercle 1 enrolment officer"},
     .judged_in = {"identity/enrolment.cpp", "identity/passport.cpp"},
     .refusal = Code::forged},
    []() -> PresentSigned {
        auto meeting = std::make_shared<Meeting>();
        const auto plain = must(codec::decode<Step1>(meeting->opened(1)));
        return [meeting, plain](const ChangeOne& change) {
            const Step1 changed{plain.officer_key, plain.root, change(plain.signature)};
            return meeting->show(1, meeting->closed(1, codec::encode(changed)));
        };
    })};

/// The plain step 2 as the newcomer would have made it for these steps before it.
Step2 plain_step2(Meeting& meeting, const Bytes& before0) {
    Step2 made;
    made.request = meeting.request();
    // save() ends with the opening: opaque<V> of 32 bytes.
    const Secret saved = meeting.newcomer.save();
    made.opening = to_bytes(saved.reveal().last(32));
    codec::Writer transcript;
    transcript.opaque(view_of("Cercle 1 enrolment proof"));
    transcript.opaque(before0);
    transcript.opaque(meeting.step1);
    made.proof = meeting.key.sign(transcript.bytes());
    return made;
}

const Registration newcomer_proof{
    {.name = "the newcomer's proof of the key to be certified",
     .labels = {"Cercle 1 enrolment proof"},
     .judged_in = {"identity/enrolment.cpp"},
     .refusal = Code::forged,
     .prepare = []() -> Present {
         return [meeting = std::make_shared<Meeting>()](const Change& change) {
             Step2 step = plain_step2(*meeting, meeting->step0);
             step.proof = change(step.proof);
             return meeting->show(2, meeting->closed_hybrid(2, codec::encode(step)));
         };
     }}};

// 32 bytes without a length before them: cut or lengthened, the step is malformed.
const Registration commitment{
    {.name = "the commitment to the request that will follow",
     .labels = {"Cercle 1 enrolment commitment"},
     .judged_in = {"identity/enrolment.cpp"},
     .refusal = Code::forged,
     .prepare = []() -> Present {
         auto meeting = std::make_shared<Meeting>();
         const auto plain = must(codec::decode<Step0>(meeting->opened(0)));
         return [meeting, plain](const Change& change) -> Result<void> {
             codec::Writer changed;
             changed.opaque(plain.newcomer_key);
             changed.raw(change(plain.commitment));
             const Bytes first = meeting->closed(0, changed.bytes());
             const Step2 step = plain_step2(*meeting, first);
             TRY_VOID(meeting->officer.open_step2(
                 first, meeting->step1, meeting->closed_hybrid(2, codec::encode(step))));
             return {};
         };
     }}};

}  // namespace
