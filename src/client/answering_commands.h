// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// The commands on cards, where another member answers them (decision 71): both sides of it. Called
// by card_commands, which finds out whose card it is.

#include "client/answered.h"
#include "client/answering.h"
#include "client/owner.h"

namespace cercle::client {

/// An owner's card that another answers.
[[nodiscard]] net::Task<void> create_answered(Device& device,
                                              CreateCard command,
                                              CardPlan plan,
                                              CardWish wish,
                                              Waiting waiting,
                                              const EventSink& sink);
[[nodiscard]] net::Task<void> close_answered(Device& device,
                                             AskingId asking,
                                             Waiting waiting,
                                             const EventSink& sink);
/// Until the relay has what was last said about each; then shows it.
[[nodiscard]] net::Task<void> tell_answerers(Device& device,
                                             std::vector<AskingId> askings,
                                             Waiting waiting,
                                             const EventSink& sink);

/// A person's word on what waits, if it is an asking; nothing: it is none.
[[nodiscard]] Result<std::optional<Asking>> asking_meant(Core& core, const std::string& request);
enum class Answer : std::uint8_t { Yes, No };
[[nodiscard]] net::Task<void> answer_asking(
    Device& device, Asking asking, Answer answer, Waiting waiting, const EventSink& sink);

/// For `card list` and `requests`.
[[nodiscard]] Result<void> list_answered(Core& core, const EventSink& sink);
[[nodiscard]] Result<void> list_askings(Core& core, const EventSink& sink);

/// As Notices. Beside tell_of_leaks, which has one's own.
[[nodiscard]] Result<void> tell_of_answered_leaks(Core& core, const EventSink& sink);

/// Of a card that `of` names: whoever writes or reads by it is told who answers it. Errors:
/// answered_elsewhere, ambiguous.
[[nodiscard]] Result<void> check_answered_here(Core& core, const std::string& of);

}  // namespace cercle::client
