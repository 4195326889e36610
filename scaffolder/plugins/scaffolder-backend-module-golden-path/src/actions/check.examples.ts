import { TemplateExample } from '@backstage/plugin-scaffolder-node';
import { stringify } from 'yaml';

export const examples: TemplateExample[] = [
  {
    description: "Refuse what does not meet the contract's lowest tier",
    example: stringify({
      steps: [{ id: 'check', name: 'Check it', action: 'goldenpath:check' }],
    }),
  },
  {
    description: 'Refuse what is below silver, by a contract of your own',
    example: stringify({
      steps: [
        {
          id: 'check',
          name: 'Check it',
          action: 'goldenpath:check',
          input: { tier: 'silver', contract: '/etc/goldenpath/acme.yaml' },
        },
      ],
    }),
  },
];
