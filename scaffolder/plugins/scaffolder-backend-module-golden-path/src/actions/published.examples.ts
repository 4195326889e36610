import { TemplateExample } from '@backstage/plugin-scaffolder-node';
import { stringify } from 'yaml';

export const examples: TemplateExample[] = [
  {
    description: 'Publish what no earlier run of the task has published',
    example: stringify({
      steps: [
        {
          id: 'published',
          name: 'See whether it is published',
          action: 'goldenpath:published',
          input: { repoUrl: '${{ parameters.repoUrl }}' },
        },
        {
          id: 'publish',
          name: 'Publish it',
          if: '${{ not steps.published.output.published }}',
          action: 'publish:github',
          input: { repoUrl: '${{ parameters.repoUrl }}' },
        },
      ],
    }),
  },
];
