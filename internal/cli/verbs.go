package cli

import "github.com/spf13/cobra"

// verbs are the commands of our own under a library. Their names are words in
// lower case that no function has.
func verbs(sys System) []*cobra.Command {
	table := []func(System) *cobra.Command{
		newPlan,
		newApply,
		newExport,
	}
	commands := make([]*cobra.Command, len(table))
	for i, build := range table {
		commands[i] = build(sys)
	}
	return commands
}
