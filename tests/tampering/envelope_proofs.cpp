// SPDX-License-Identifier: AGPL-3.0-or-later
//
// What lies in an inbox and beside it.

#include <memory>

#include "envelope/attachment.h"
#include "envelope/inbox_letter.h"
#include "tests/tampering/proof.h"
#include "tests/vectors/scripted_random.h"

namespace {

using namespace cercle;
using namespace cercle::tampering;

const Registration letter{{.name = "a letter in an inbox",
                           .labels = {"Cercle 1 inbox letter"},
                           .judged_in = {"envelope/inbox_letter.cpp"},
                           .refusal = Code::forged,
                           .prepare = []() -> Present {
                               vectors::SeededRandom random(1);
                               envelope::WelcomeLetter written;
                               written.welcome = to_bytes("a welcome");
                               return
                                   [genuine = envelope::close_letter(Secret(32), written, random)](
                                       const Change& change) -> Result<void> {
                                       TRY_VOID(envelope::open_letter(Secret(32), change(genuine)));
                                       return {};
                                   };
                           }}};

Kind word_in_an_inbox(const char* name, const char* label, envelope::Word word) {
    return {.name = name,
            .labels = {label},
            .judged_in = {"envelope/inbox_letter.cpp"},
            .refusal = Code::forged,
            .prepare = [word]() -> Present {
                vectors::SeededRandom random(1);
                return
                    [word,
                     genuine = envelope::close_word(Secret(32), word, view_of("a word"), random)](
                        const Change& change) -> Result<void> {
                        TRY_VOID(envelope::open_word(Secret(32), word, change(genuine)));
                        return {};
                    };
            }};
}

const Registration revocation_letter(word_in_an_inbox("a revocation in an inbox",
                                                      "Cercle 1 inbox revocation",
                                                      envelope::Word::Revocation));
const Registration report_letter(word_in_an_inbox("a report in an inbox",
                                                  "Cercle 1 inbox report",
                                                  envelope::Word::Report));

const Registration package{
    {.name = "a key package beside an inbox",
     .labels = {"Cercle 1 key package"},
     .judged_in = {"envelope/inbox_letter.cpp"},
     .refusal = Code::forged,
     .prepare = []() -> Present {
         vectors::SeededRandom random(1);
         return [genuine = envelope::close_package(Secret(32), view_of("key package"), random)](
                    const Change& change) -> Result<void> {
             TRY_VOID(envelope::open_package(Secret(32), change(genuine)));
             return {};
         };
     }}};

/// Its tag; what is behind it makes it long, and is tried by the tests of chunks.
const Registration chunk{
    {.name = "a chunk of a file",
     .labels = {"Cercle 1 attachment chunk"},
     .judged_in = {"envelope/attachment.cpp"},
     .refusal = Code::forged,
     .prepare = []() -> Present {
         auto cipher = std::make_shared<envelope::ChunkCipher>(Secret(32), protocol::BlobId{}, 2U);
         return [cipher, closed = cipher->close({0}, view_of("content"))](
                    const Change& change) -> Result<void> {
             constexpr std::size_t tag = 16;
             Bytes changed = to_bytes(BytesView(closed).first(closed.size() - tag));
             append(changed, change(BytesView(closed).last(tag)));
             TRY_VOID(cipher->open({0}, changed));
             return {};
         };
     }}};

}  // namespace
