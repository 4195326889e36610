import { TemplateExample } from '@backstage/plugin-scaffolder-node';
import { stringify } from 'yaml';

export const examples: TemplateExample[] = [
  {
    description: 'Render the newest release of a template',
    example: stringify({
      steps: [
        {
          id: 'render',
          name: 'Render the service',
          action: 'goldenpath:copier:copy',
          input: {
            url: 'https://github.com/goldenpath-dev/goldenpath',
            values: {
              template: 'python-service',
              name: '${{ parameters.name }}',
              owner: '${{ parameters.owner }}',
              oncall: '${{ parameters.oncall }}',
              chat: '${{ parameters.chat }}',
            },
          },
        },
      ],
    }),
  },
  {
    description:
      'Render a certain release, for a repository that must be called as the service',
    example: stringify({
      steps: [
        {
          id: 'render',
          name: 'Render the service',
          action: 'goldenpath:copier:copy',
          input: {
            url: 'https://github.com/goldenpath-dev/goldenpath',
            ref: 'v0.24.0',
            repoUrl: '${{ parameters.repoUrl }}',
            values: { template: 'python-service', name: 'payments-api' },
          },
        },
      ],
    }),
  },
];
