import { TemplateExample } from '@backstage/plugin-scaffolder-node';
import { stringify } from 'yaml';

export const examples: TemplateExample[] = [
  {
    description: 'Propose the golden path to a repository that exists',
    example: stringify({
      steps: [
        {
          id: 'adopt',
          name: 'Find out what is missing',
          action: 'goldenpath:adopt',
          input: {
            repoUrl: '${{ parameters.repoUrl }}',
            url: 'https://github.com/goldenpath-dev/goldenpath',
            values: { owner: '${{ parameters.owner }}' },
          },
        },
        {
          id: 'propose',
          name: 'Open a pull request',
          action: 'publish:github:pull-request',
          input: {
            repoUrl: '${{ parameters.repoUrl }}',
            branchName: 'golden-path',
            title: 'feat: adopt the golden path',
            description: '${{ steps.adopt.output.summary }}',
          },
        },
      ],
    }),
  },
];
