// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Officer grammar: what an officer can type, behind `cercle officer`.

#include <memory>
#include <optional>
#include <string>

#include "officer/api.h"

namespace CLI {
class App;
}

namespace cercle::cli {

class OfficerGrammar {
  public:
    OfficerGrammar();
    OfficerGrammar(const OfficerGrammar&) = delete;
    OfficerGrammar& operator=(const OfficerGrammar&) = delete;
    ~OfficerGrammar();

    /// It fills in this when it is parsed, and so must not outlive it.
    void add_to(CLI::App& app);

    /// What does not fit in what was typed; empty if everything does.
    [[nodiscard]] const std::string& problem() const;
    /// Where an invitation's QR code goes.
    [[nodiscard]] std::optional<std::string> picture() const;
    [[nodiscard]] std::optional<std::string> backup_pass_file() const;
    /// Nothing if it was no officer's command.
    [[nodiscard]] std::optional<officer::Command> take();

  private:
    class Words;
    std::unique_ptr<Words> words_;
};

}  // namespace cercle::cli
